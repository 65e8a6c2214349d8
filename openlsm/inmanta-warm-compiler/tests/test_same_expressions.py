"""
A warm compile gives what a cold one gives, whatever its plugins do.

The tests share a project, and so a process that has loaded it.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .helpers.comparison import assert_same
from .helpers.lab import Lab

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("evaluating")]

EVALUATES = """
import asyncio, atexit, gc, os, signal, socket, sys, threading

atexit.register(print, "at exit")
sys.seen = []

def from_a_child():
    child = os.fork()
    if child == 0:
        print("from the child", flush=True)
        os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def look_up(host):
    async def look():
        return await asyncio.get_running_loop().getaddrinfo(host, 80, type=socket.SOCK_STREAM)

    try:
        return asyncio.run(look())
    except OSError as error:
        return error.args

@plugin
def say() -> "string":
    return str(eval(os.environ["LAB_EXPRESSION"]))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evaluating(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """A project that prints what an expression gives; each compile has its own."""
    lab = Lab(tmp_path_factory.mktemp("evaluating"))
    lab.plugin(EVALUATES)
    lab.model("std::print(lab::say())")
    yield lab
    await lab.pool.close()


def expression(text: str) -> dict[str, str]:
    """
    :param text: in Python
    :return: the variables of a compile that evaluates it
    """
    return {"LAB_EXPRESSION": text}


async def test_an_exception_in_a_plugin_has_its_trace(evaluating: Lab) -> None:
    variables = expression("1 / 0")

    await assert_same(evaluating, code=1, variables=variables)

    assert b"ZeroDivisionError" in (await evaluating.warm(variables=variables)).errors


async def test_an_export_that_fails_has_its_trace(evaluating: Lab) -> None:
    await assert_same(evaluating, "--export-plugin", "nonesuch", code=1, variables=expression("'done'"))


async def test_the_program_looks_the_same_from_inside(evaluating: Lab) -> None:
    seen = (
        "(sys.argv, sys.orig_argv, sys.path, sys.flags, os.getcwd(), __import__('__main__').__spec__.name, "
        "gc.isenabled(), threading.active_count(), os.isatty(1), sorted(os.environ), signal.getsignal(signal.SIGINT), "
        "sorted(os.listdir('/proc/self/fd'))[:3])"
    )

    await assert_same(evaluating, variables=expression(seen))


@pytest.mark.parametrize("ending", ["sys.exit(7)", "sys.exit('last words')", "os._exit(9)", "os.kill(os.getpid(), 15)"])
async def test_a_plugin_that_ends_the_compile_decides_the_exit_code(evaluating: Lab, ending: str) -> None:
    cold = await evaluating.cold(variables=expression(ending))

    warm = await evaluating.warm(variables=expression(ending))

    assert warm.warm
    assert (warm.code, warm.output.count(b"at exit")) == (cold.code, cold.output.count(b"at exit"))


async def test_megabytes_of_output_arrive_whole(evaluating: Lab) -> None:
    assert len(await assert_same(evaluating, variables=expression("print('0123456789abcdef' * 500_000)"))) > 8_000_000


async def test_a_compile_that_forks_ends_when_its_child_has(evaluating: Lab) -> None:
    output = await assert_same(evaluating, variables=expression("from_a_child()"))

    assert b"from the child" in output
    assert b"\n3\n" in output


async def test_no_compile_sees_what_the_one_before_has_changed(evaluating: Lab) -> None:
    changes = "(sys.seen.append(1), len(sys.seen), os.environ.setdefault('SEEN', str(os.getpid())) == str(os.getpid()))"

    for _ in range(2):
        warm = await evaluating.warm(variables=expression(changes))
        assert warm.warm
        assert b"(None, 1, True)" in warm.output


async def test_each_compile_has_its_own_variables(evaluating: Lab) -> None:
    await evaluating.warm(variables=expression("'the first'"))
    starts = evaluating.pool.counts.starts

    for instances in ("one two", "three"):
        asked = {**expression("os.environ['LAB_INSTANCES']"), "LAB_INSTANCES": instances}
        warm = await evaluating.warm(variables=asked)
        assert warm.warm
        assert instances.encode() in warm.output
    assert evaluating.pool.counts.starts == starts


async def test_hosts_are_looked_up_as_ever(evaluating: Lab) -> None:
    hosts = ["127.0.0.1", "::1", "localhost", "", None, "300.1.1.1", "no.such.host.invalid"]

    await assert_same(evaluating, variables=expression(f"[look_up(host) for host in {hosts!r}]"))


async def test_to_look_an_address_up_takes_no_thread(evaluating: Lab) -> None:
    seen = "(setattr(threading, 'Thread', None), look_up('127.0.0.1')[0][4])"

    assert b"(None, ('127.0.0.1', 80))" in (await evaluating.warm(variables=expression(seen))).output
