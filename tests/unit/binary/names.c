/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of C++ without C++: the assembler takes any. */
#include "fixture.h"

#define CPP_FUNCTION(name, mangled)                                            \
	int name(int value) __asm__(mangled);                                  \
	KEEP int name(int value)                                               \
	{                                                                      \
		return value + __LINE__;                                       \
	}

/* ns::Class::method(int) */
CPP_FUNCTION(method_int, "_ZN2ns5Class6methodEi")
/* ns::Class::method(long, char const*) const */
CPP_FUNCTION(method_long_const, "_ZNK2ns5Class6methodElPKc")
/* ns::Class::single(unsigned long, void*) */
CPP_FUNCTION(single, "_ZN2ns5Class6singleEmPv")
/* what the compiler cut out of it */
CPP_FUNCTION(cold, "_ZN2ns5Class6singleEmPv.cold")
/* ns::Class::operator()(int) */
CPP_FUNCTION(call, "_ZN2ns5ClassclEi")
/* ns::operator<<(ns::Class&, int) */
CPP_FUNCTION(shift, "_ZN2nslsERNS_5ClassEi")
/* ns::Class::operator bool() const */
CPP_FUNCTION(convert, "_ZNK2ns5ClasscvbEv")
/* ns::Class::~Class() */
CPP_FUNCTION(destroy, "_ZN2ns5ClassD1Ev")
/* ns::(anonymous namespace)::inside() */
CPP_FUNCTION(unnamed, "_ZN2ns12_GLOBAL__N_16insideEv")
/* int ns::larger<int>(int, int) */
CPP_FUNCTION(instance_int, "_ZN2ns6largerIiEET_S1_S1_")
/* void ns::print<char const*>(char const*) */
CPP_FUNCTION(instance_text, "_ZN2ns5printIPKcEEvT_")
/* ns::Class::single(unsigned long, void*)::{lambda()#1}::operator()() const */
CPP_FUNCTION(local, "_ZZN2ns5Class6singleEmPvENKUlvE_clEv")
/* non-virtual thunk to ns::Class::virtual() */
CPP_FUNCTION(thunk, "_ZThn8_N2ns5Class7virtualEv")
/* ns::Class::virtual() */
CPP_FUNCTION(behind_thunk, "_ZN2ns5Class7virtualEv")
