"""The environment settings of the extension."""

from inmanta.data import Setting, convert_boolean

PARTIAL_COMPILE = "lsm_partial_compile"
EXPERT_MODE = "enable_lsm_expert_mode"
TRANSFER_OPTIMIZATION = "enable_lsm_transfer_optimization"
BATCHED_PARTIAL_COMPILES = "enable_batched_partial_compiles"


def _switch(name: str, doc: str, recompile: bool = False) -> Setting:
    return Setting(
        name=name,
        typ="bool",
        default=False,
        validator=convert_boolean,  # type: ignore[arg-type]  # core types validators as if each took all kinds of values
        doc=doc,
        recompile=recompile,
        section="lsm",
    )


SETTINGS = [
    _switch(PARTIAL_COMPILE, "Compile only the service instances that are involved in a lifecycle transfer."),
    _switch(EXPERT_MODE, "Allow the expert calls, which change service instances without any check."),
    # The deployment of a resource of the previous version would not be reported after a switch: every one is exported again.
    _switch(
        TRANSFER_OPTIMIZATION,
        "Leave out the export compile of transfers between states with the same desired state.",
        recompile=True,
    ),
    _switch(BATCHED_PARTIAL_COMPILES, "Merge partial export compiles that are waiting for the compiler into one."),
]
