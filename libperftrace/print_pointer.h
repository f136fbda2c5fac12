/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_POINTER_H
#define PRINT_POINTER_H

/* What "%pM", "%pI6c" and their like print: addresses, and masks of bits. */

#include <stddef.h>

struct print_data;
struct print_op;
struct print_output;

/* @at: the op's bytes, of the size that the compiler has seen to. */
void print_write_mac(struct print_output *output, const struct print_op *op,
		     const unsigned char *at);
void print_write_ip4(struct print_output *output, const struct print_op *op,
		     const unsigned char *at);
void print_write_ip6(struct print_output *output, const struct print_op *op,
		     const unsigned char *at);
void print_write_uuid(struct print_output *output, const struct print_op *op,
		      const unsigned char *at);

/* A socket's address of either kind; @size: how long it is said to be. */
void print_write_sockaddr(struct print_output *output,
			  const struct print_op *op,
			  const struct print_data *data, size_t offset,
			  size_t size);

#endif /* PRINT_POINTER_H */
