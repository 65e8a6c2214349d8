"""The extension that keeps compilers warm, as the inmanta server finds it."""
