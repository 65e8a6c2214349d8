"""Environment variables for the options of the extension that are empty: that is how a shell says that there is none."""

import os

from inmanta.config import Config

SECTION = "lsm"


def forget() -> None:
    """
    Forget the empty variables for the options of the sections ``lsm`` and ``lsm.*``. inmanta-core takes them for values, which
    take precedence over the configuration file: no number at all, or a list of allowed hosts that allows nothing or everything.
    """
    for section, options in Config.get_config_options().items():
        if section.split(".")[0] == SECTION:
            for option in options.values():
                variable = option.get_environment_variable()
                if not os.environ.get(variable, variable).strip():
                    del os.environ[variable]
