"""
A distance between two network namespaces: a TUN device in each, and this process passes IP packets from one to the other, late, or not at all.

    relay.py PID_CLIENT PID_LAB < conditions       (a process in either network)

A line of its input sets the conditions: DELAY_MS (one way) JITTER_MS LOSS (0 to 1) REORDER (0 or 1) KBIT_PER_S (0: as fast as it can). It
answers each with what it passed and lost so far. The client is 10.77.0.1, the lab 10.77.0.2; it ends with its input.
"""
import ctypes, fcntl, heapq, os, random, select, struct, subprocess, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 1, 0x1000, 0x40000000
# Small enough for any tunnel on the way, so that certificates need several packets.
MTU = 1400
# What waits on a slow line is dropped when it would wait longer, s.
LONGEST_QUEUE = 1.0

def tun(pid, address):
    with open(f"/proc/{pid}/ns/net") as space:
        if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", b"far", IFF_TUN | IFF_NO_PI))
    for command in (f"addr add {address}/24 dev far", f"link set far mtu {MTU} txqueuelen 5000 up"):
        subprocess.run(["ip", *command.split()], check=True)
    return end

ends = [tun(sys.argv[1], "10.77.0.1"), tun(sys.argv[2], "10.77.0.2")]
delay = jitter = loss = rate = 0.0
reorder = False
passed = lost = 0
waiting, number = [], 0          # (due, number, end, packet)
last, free = [0.0, 0.0], [0.0, 0.0]
print("ready", flush=True)
while True:
    wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
    readable, _, _ = select.select([*ends, 0], [], [], wait)
    for side, end in enumerate(ends):
        for _ in range(64 if end in readable else 0):
            try:
                packet = os.read(end, 65536)
            except BlockingIOError:
                break
            now = time.monotonic()
            if random.random() < loss or (rate and free[side] - now > LONGEST_QUEUE):
                lost += 1
                continue
            free[side] = max(now, free[side]) + (len(packet) * 8 / rate if rate else 0)
            due = (free[side] if rate else now) + delay + random.random() * jitter
            if not reorder:
                due = last[side] = max(last[side], due)
            heapq.heappush(waiting, (due, number, ends[1 - side], packet))
            number += 1
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        passed += 1
        try:
            os.write(waiting[0][2], waiting[0][3])
        except OSError:
            lost += 1
        heapq.heappop(waiting)
    if 0 in readable:
        line = sys.stdin.readline()
        if not line:
            break
        delay, jitter, loss, reorder, rate = (float(word) for word in line.split())
        delay, jitter, rate = delay / 1000, jitter / 1000, rate * 1000
        print(f"passed {passed} lost {lost} cpu {sum(os.times()[:2]):.1f}", flush=True)
