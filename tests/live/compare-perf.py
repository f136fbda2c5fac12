#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The text of records is what perf script prints for the same events.

perf record runs the trace example, and that runs a workload. So both record
the very same occurrences: the kernel writes each to perf's ring and to the
library's, one after the other. The workload stays on one CPU and renames
itself at its begin and at its end; what both have recorded of it and of its
children between these two marks must be equal, record by record, with the
interrupts that came in between. Others are not recorded: on a busy machine
they would fill the rings.

perf carries plugins that print some events in another way than the kernel's
print format says (sched_switch, kmem, kvm and more). perf script runs in a
mount namespace of its own where their directories are empty.

usage: compare-perf.py TRACE
"""
import collections
import fcntl
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

EVENTS_DIRECTORY = '/sys/kernel/tracing/events'

# What each is here for; those that the kernel lacks are left out.
EVENTS = '''
    alarmtimer:alarmtimer_start
    block:block_bio_queue block:block_rq_issue block:block_rq_complete
    capability:cap_capable
    csd:csd_queue_cpu
    exceptions:page_fault_user
    ext4:ext4_da_write_begin ext4:ext4_unlink_enter ext4:ext4_mark_inode_dirty
    filelock:flock_lock_inode filelock:posix_lock_inode
    filemap:mm_filemap_add_to_page_cache
    huge_memory:mm_khugepaged_scan_pmd
    io_uring:io_uring_create
    irq:softirq_entry irq:irq_handler_entry
    irq_vectors:local_timer_entry
    jbd2:jbd2_handle_start jbd2:jbd2_start_commit
    kmem:kfree kmem:mm_page_alloc
    mmap:vm_unmapped_area
    neigh:neigh_create neigh:neigh_update
    net:net_dev_queue net:net_dev_xmit net:netif_receive_skb
    netlink:netlink_extack
    oom:oom_score_adj_update
    percpu:percpu_alloc_percpu
    power:cpu_idle
    raw_syscalls:sys_enter
    rcu:rcu_utilization
    sched:sched_process_exec sched:sched_process_exit sched:sched_process_fork
    sched:sched_switch sched:sched_waking sched:sched_stat_runtime
    signal:signal_deliver signal:signal_generate
    skb:consume_skb skb:kfree_skb
    sock:inet_sock_set_state sock:sock_exceed_buf_limit
    syscalls:sys_enter_openat syscalls:sys_exit_openat syscalls:sys_enter_write
    task:task_newtask task:task_rename
    tcp:tcp_destroy_sock tcp:tcp_probe tcp:tcp_receive_reset
    timer:hrtimer_start timer:hrtimer_expire_entry timer:itimer_state
    timer:timer_start
    tlb:tlb_flush
    udp:udp_fail_queue_rcv_skb
    vmalloc:alloc_vmap_area
    workqueue:workqueue_queue_work workqueue:workqueue_execute_start
    writeback:writeback_dirty_inode writeback:writeback_mark_inode_dirty
    writeback:writeback_single_inode
    '''.split()

# All that is recorded has to fit into a ring of a megabyte: the library's
# reader is away while it reads the kernel's symbols for the first of them.
FILTERS = {
    'exceptions:page_fault_user': 'error_code == 4',
    'kmem:mm_page_alloc': 'order > 0',
    'raw_syscalls:sys_enter': 'id < 20',
}

# Fewer is a failure: the workload, or the test, does not do what it should.
FEWEST_EVENTS = 15
FEWEST_SYSTEMS = 15

# At the marks an interrupt may come between the two rings.
MOST_UNPAIRED = 2
# By event; see pair_nameless().
MOST_RENAMED = 4

MARK = 'task:task_rename'
BEGIN, END = 'mark-begin', 'mark-end'

PLUGIN_DIRECTORIES = ['/usr/lib/traceevent/plugins',
                      '/usr/lib64/traceevent/plugins',
                      '/usr/local/lib/traceevent/plugins',
                      os.path.expanduser('~/.local/lib/traceevent/plugins')]

LINE = re.compile(r' *(?P<comm>.+?) +(?P<tid>-?\d+) \[(?P<cpu>\d+)\] +'
                  r'(?P<time>\d+\.\d{6}): +(?P<event>\w+:\w+): ?(?P<text>.*)')

Record = collections.namedtuple('Record', 'comm tid cpu time event text')


class Fault(Exception):
    pass


# The workload: one step per kind of event, each left out where it can't run.

def rename(name):
    with open('/proc/self/comm', 'w', encoding='utf-8') as file:
        file.write(name)


def touch_files():
    path = os.path.join(os.getcwd(), 'file')
    with open(path, 'wb') as file:
        for size in (1, 100, 5000, 70000):
            file.write(bytes(size))
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_UN)
        fcntl.lockf(file, fcntl.LOCK_EX, 17, 5)
        os.fsync(file.fileno())
    os.rename(path, path + '-2')
    os.unlink(path + '-2')


def run_programs():
    subprocess.run(['true'], check=True)
    with open('/proc/self/oom_score_adj', 'r+', encoding='utf-8') as file:
        value = file.read()
        file.write(value)


def send_signals():
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    os.kill(os.getpid(), signal.SIGUSR1)
    child = subprocess.Popen(['sleep', '60'])
    child.send_signal(signal.SIGTERM)
    child.wait()


def run_timers():
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    signal.setitimer(signal.ITIMER_REAL, 0.003)
    signal.pause()
    for delay in (0.001, 0.002, 0.005):
        time.sleep(delay)


def talk_tcp():
    with socket.create_server(('127.0.0.1', 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            peer, _ = server.accept()
            client.sendall(b'x' * 3000)
            peer.recv(3000)
            peer.close()
    with socket.socket(socket.AF_INET6) as other:
        if other.connect_ex(('::1', 1)) == 0:
            raise Fault('somebody listens on port 1')


def make_neighbours():
    """Hardware addresses, printed as hex arrays, and a refusal, whose text is
    a string in the record; in a network of our own."""
    commands = '''
        link add v0 type veth peer name v1
        link set v0 up
        link set v1 up
        address add 192.0.2.1/24 dev v0
        neigh add 192.0.2.2 lladdr 02:00:5e:10:ab:cd dev v0
        route add 198.51.100.0/24 via 203.0.113.1'''
    subprocess.run(['unshare', '--net', 'ip', '-batch', '-'], input=commands,
                   text=True, stderr=subprocess.DEVNULL)


STEPS = [touch_files, run_programs, send_signals, run_timers, talk_tcp,
         make_neighbours]


def work(directory):
    os.chdir(directory)
    rename(BEGIN)
    for step in STEPS:
        try:
            step()
        except (OSError, subprocess.SubprocessError) as error:
            print(f'# {step.__name__}: {error}', file=sys.stderr)
    rename(END)
    return 0


# The comparison.

def available_events():
    return [event for event in EVENTS if os.path.exists(os.path.join(
        EVENTS_DIRECTORY, event.replace(':', '/'), 'id'))]


def event_arguments(events, filter_option):
    words = []
    for event in events:
        words += ['-e', event]
        if event in FILTERS:
            words += [filter_option, FILTERS[event]]
    return words


def run(command, **options):
    result = subprocess.run(command, text=True, errors='replace',
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            **options)
    if result.returncode:
        raise Fault(f'{" ".join(command[:4])} ...: {result.returncode}\n'
                    f'{result.stderr}')
    return result


def record(trace, events, directory, cpu):
    """What the library prints; perf's file is left in the directory."""
    workload = ['taskset', '--cpu-list', str(cpu), sys.executable, '-I', '-S',
                os.path.realpath(__file__), '--work', directory]
    ours = [trace, *event_arguments(events, '-f'), '--', *workload]
    perf = ['perf', 'record', '--quiet', '--no-buildid', '-c', '1',
            '-k', 'CLOCK_MONOTONIC', '-m', '8M', '-o',
            os.path.join(directory, 'perf.data'),
            *event_arguments(events, '--filter'), '--', *ours]
    result = run(perf)

    for line in re.findall('^# .*', result.stderr, re.M):
        print(line)
    ledger = re.findall(r'^\S+ delivered=(\d+) lost=(\d+)', result.stderr,
                        re.M)
    delivered, lost = (sum(map(int, column)) for column in zip(*ledger))
    if lost:
        raise Fault(f'the library has lost {lost} records and delivered '
                    f'{delivered}')
    return result.stdout


def without_plugins(command):
    """The same command, seeing no plugins."""
    hide = ''.join(f'mount -t tmpfs none {path} && '
                   for path in PLUGIN_DIRECTORIES if os.path.isdir(path))
    return ['unshare', '--mount', 'sh', '-c', hide + 'exec "$@"', 'sh',
            *command]


def perf_script(directory):
    path = os.path.join(directory, 'perf.data')
    command = ['perf', 'script', '-i', path, '--show-lost-events',
               '-F', 'comm,tid,cpu,time,event,trace']
    environment = {name: value for name, value in os.environ.items()
                   if name != 'TRACEEVENT_PLUGIN_DIR'}
    text = run(without_plugins(command), env=environment).stdout
    if 'PERF_RECORD_LOST' in text:
        raise Fault('perf has lost records')
    return text


def parse(text):
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if not match:
            raise Fault(f'not understood: {line}')
        yield Record(match['comm'], int(match['tid']), int(match['cpu']),
                     float(match['time']), match['event'], match['text'])


def children_of(records, tid):
    tids = {tid}
    for entry in records:
        match = re.search(r'child_pid=(\d+)', entry.text)
        if entry.event == 'sched:sched_process_fork' and entry.tid in tids:
            tids.add(int(match[1]))
    return tids


def cut(who, records):
    """What the workload and its children did between the marks."""
    marks = [[number for number, record in enumerate(records)
              if record.event == MARK and f'newcomm={name} ' in record.text]
             for name in (BEGIN, END)]
    if [len(found) for found in marks] != [1, 1]:
        raise Fault(f'{who}: marks at {marks}')
    begin, end = marks[0][0], marks[1][0]
    tids = children_of(records, records[begin].tid)
    return [record for record in records[begin:end + 1] if record.tid in tids]


def by_event(records):
    groups = collections.defaultdict(list)
    for entry in records:
        groups[entry.event].append(entry)
    return groups


def key(entry):
    return entry._replace(time=0)


def pair_nameless(left, right):
    """Pairs that differ in the task's name alone, taken out of both.

    The kernel tells one listener after the other of a new name, and an
    interrupt in between comes before it for the one and behind it for the
    other.
    """
    pairs = 0
    for entry in list(left.elements()):
        partner = next((other for other in right.elements()
                        if other._replace(comm=entry.comm) == entry), None)
        if partner:
            left[entry] -= 1
            right[partner] -= 1
            pairs += 1
    return pairs, +left, +right


def compare_event(event, ours, theirs):
    """How many records are equal; prints those that are not."""
    left = collections.Counter(map(key, ours))
    right = collections.Counter(map(key, theirs))
    renamed, only_left, only_right = pair_nameless(left - right, right - left)
    if renamed > MOST_RENAMED:
        raise Fault(f'{event}: {renamed} records differ in the name')

    for who, which in (('library', only_left), ('perf', only_right)):
        for entry in list(which)[:5]:
            print(f'{event}: only {who}:\n    {entry}')
    return (left & right).total(), only_left.total(), only_right.total()


def compare_times(ours, theirs):
    """One clock: the two readings of it are not far from each other."""
    apart = [abs(one.time - other.time) for one, other in zip(ours, theirs)]
    if statistics.median(apart) > 0.001:
        raise Fault('time stamps differ by '
                    f'{statistics.median(apart) * 1e6:.0f} us')


def compare(ours, theirs):
    """Whether all is equal, and there was enough of it."""
    events, systems, unpaired, is_equal = 0, set(), 0, True
    groups, perf_groups = by_event(ours), by_event(theirs)

    for event in sorted(groups.keys() | perf_groups.keys()):
        equal, only_ours, only_theirs = compare_event(
            event, groups[event], perf_groups[event])
        print(f'{equal:7} {event}')
        events += equal > 0
        if equal:
            systems.add(event.partition(':')[0])
        # One of each: the same record, printed in two ways.
        is_equal &= not (only_ours and only_theirs)
        unpaired += only_ours + only_theirs
    print(f'{events} events of {len(systems)} systems, {unpaired} records '
          'without a partner')
    return is_equal and unpaired <= MOST_UNPAIRED and \
        events >= FEWEST_EVENTS and len(systems) >= FEWEST_SYSTEMS


def check(trace, directory):
    cpus = sorted(os.sched_getaffinity(0))
    events = available_events()

    # perf and trace on one CPU, the workload on another, if there is one.
    os.sched_setaffinity(0, {cpus[0]})
    ours = list(parse(record(trace, events, directory, cpus[-1])))
    theirs = list(parse(perf_script(directory)))
    ours = cut('library', ours)
    theirs = cut('perf', theirs)
    compare_times(ours, theirs)
    return compare(ours, theirs)


def reason_to_skip():
    if os.geteuid():
        return 'needs root'
    if not os.access(EVENTS_DIRECTORY, os.R_OK):
        return 'needs tracefs at /sys/kernel/tracing'
    if not shutil.which('perf') or subprocess.run(
            ['perf', '--version'], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode:
        return 'perf is not installed'
    if subprocess.run(without_plugins(['true']),
                      stderr=subprocess.DEVNULL).returncode:
        return 'may not mount over the plugins of perf'
    return None


def main():
    if sys.argv[1] == '--work':
        return work(sys.argv[2])
    reason = reason_to_skip()
    if reason:
        print('SKIP:', reason)
        return 77
    # In /var/tmp: a file system on a disk, where /tmp may be none.
    with tempfile.TemporaryDirectory(prefix='perftrace-',
                                     dir='/var/tmp') as directory:
        try:
            return 0 if check(os.path.realpath(sys.argv[1]), directory) else 1
        except Fault as fault:
            print(fault)
            return 1


if __name__ == '__main__':
    sys.exit(main())
