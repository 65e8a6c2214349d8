"""Which environment variables were read while inmanta and the project were loaded, and which were set."""

import os
from collections.abc import Iterator, Mapping

# Python itself and the libraries it is made of read these, some before any code runs. Nobody sees them do it.
_READ_AT_START = ("PYTHON", "LANG", "LC_", "LD_", "TZ", "OPENSSL_", "SSL_CERT_", "MALLOC_", "OMP_", "GLIBC_")


class _Recorder(dict[bytes, bytes]):
    """The variables behind ``os.environ``, taking note of who is asked for."""

    def __init__(self, variables: Mapping[bytes, bytes]) -> None:
        """:param variables: by name"""
        super().__init__(variables)
        self.read: set[bytes] = set()
        self.all_read = False

    def __getitem__(self, name: bytes) -> bytes:
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, bytes):
            self.read.add(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[bytes]:
        self.all_read = True
        return super().__iter__()


class Variables:
    """The environment variables of this process, and what became of them."""

    def __init__(self) -> None:
        self._before = dict(os.environ)
        self._changes: dict[str, str | None] = {}
        self._names: set[str] | None = set()
        self._recorder: _Recorder | None = None

    def observe(self) -> None:
        """Take note from now on."""
        self._recorder = _Recorder(_data())
        _set_data(self._recorder)

    def conclude(self) -> None:
        """Take note no longer."""
        assert self._recorder is not None
        recorder = self._recorder
        _set_data(dict(recorder.items()))
        self._names = None if recorder.all_read else {os.fsdecode(name) for name in recorder.read}
        now = dict(os.environ)
        self._changes = {name: now.get(name) for name in {*now, *self._before} if now.get(name) != self._before.get(name)}

    def change(self, environment: Mapping[str, str]) -> str | None:
        """
        Compare with the variables of another compile.

        :param environment: its variables
        :return: a sentence about one that matters and is different, None when there is none
        """
        for name in sorted({*environment, *self._before}):
            if environment.get(name) != self._before.get(name) and self._matters(name):
                return f"the environment variable {name} changed"
        return None

    def of(self, environment: Mapping[str, str]) -> dict[str, str]:
        """
        Tell what the variables of a compile are once the project is loaded in it.

        :param environment: those that it starts with
        """
        variables = {**environment, **self._changes}
        return {name: value for name, value in variables.items() if value is not None}

    def _matters(self, name: str) -> bool:
        return self._names is None or name in self._names or name.startswith(_READ_AT_START)


class Reads:
    """Which variables this process reads."""

    def __init__(self) -> None:
        """Take note from now on."""
        self._recorder = _Recorder(_data())
        _set_data(self._recorder)

    def replace(self, environment: Mapping[str, str]) -> str | None:
        """
        Take note no longer, and have other variables from now on.

        :param environment: their values by name
        :return: one that was read and has another value now, None when there is none
        """
        recorder = self._recorder
        read = {*recorder.read}
        all_read = recorder.all_read
        _set_data({})
        os.environ.update(environment)
        now = _data()
        names = {*recorder, *now} if all_read else read
        return next((os.fsdecode(name) for name in sorted(names) if dict.get(recorder, name) != now.get(name)), None)


def _data() -> dict[bytes, bytes]:
    data: dict[bytes, bytes] = vars(os.environ)["_data"]
    return data


def _set_data(data: dict[bytes, bytes]) -> None:
    """:param data: what ``os.environ`` and ``os.environb`` look at from now on"""
    for mapping in (os.environ, os.environb):
        vars(mapping)["_data"] = data
