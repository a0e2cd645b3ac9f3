"""CPU and memory are counted over a whole tree of processes."""

import os
import subprocess
import sys
import time

from tests.benchmarks.usage import cpu_seconds, forget_peaks, peak_memory

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
LARGE = """
import sys
held = b"x" * (64 << 20)
print(flush=True)
sys.stdin.readline()
del held
print(flush=True)
sys.stdin.read()
"""


def test_the_time_of_a_process_that_has_ended_still_counts():
    before = cpu_seconds(os.getpid()) - time.process_time()
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert cpu_seconds(os.getpid()) - time.process_time() - before > 0.25


def test_the_time_of_a_process_that_still_runs_counts():
    before = cpu_seconds(os.getpid()) - time.process_time()
    with subprocess.Popen([sys.executable, "-c", BUSY + "\ninput()"], stdin=subprocess.PIPE) as child:
        while (spent := cpu_seconds(os.getpid()) - time.process_time() - before) < 0.25:
            time.sleep(0.01)
        child.communicate(b"\n")
    assert spent < 1


def test_a_peak_is_remembered_until_it_is_forgotten():
    with subprocess.Popen([sys.executable, "-c", LARGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        remembered = peak_memory(os.getpid())
        forget_peaks(os.getpid())
        forgotten = peak_memory(os.getpid())
        child.communicate(b"")
    assert remembered > 64
    assert forgotten < remembered - 50
