"""A fresh Jupyter kernel, in the environment that notebooks get."""

from __future__ import annotations

from typing import Any

from jupyter_client.manager import AsyncKernelManager

from gongkai.execute.environment import environment


class ListedEnvironment(AsyncKernelManager):  # type: ignore[misc]
    """Starts kernels in the allow-listed environment."""

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        return await super()._async_pre_start_kernel(**options | {"env": environment(options.get("env"))})

    pre_start_kernel = _async_pre_start_kernel
