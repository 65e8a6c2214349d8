"""The mocked tests: what it brings to parse and type-check the model only once in a test."""

import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from benchmarks import ratio

TESTS = "tests/mocked/test_important_customer_service.py"


def test_seconds(*options: str) -> float:
    """
    Run the mocked tests of the important customer.

    :param options: more options for pytest
    :return: how long the tests took, in seconds, without the start of Python and pytest
    :raises subprocess.CalledProcessError: when a test fails
    """
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", TESTS, f"--junit-xml={report}", *options],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        cases = xml.etree.ElementTree.parse(report).iter("testcase")
        return sum(float(case.attrib["time"]) for case in cases)


def measure() -> list[ratio.Ratio]:
    """:return: the tests with compiler reuse compared with the same without"""
    without = test_seconds()
    return [
        ratio.Ratio(
            "mocked tests of the important customer, compiler reused",
            "the same, compiler not reused",
            test_seconds("--lsm-reuse-compiler"),
            without,
        )
    ]
