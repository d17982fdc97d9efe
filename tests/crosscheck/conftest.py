"""Cross-checks spend most of their time on compiling: programs that several tests compile are compiled once and kept for the session."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("EQX_ON_ERROR", "nan")  # without callbacks, which keep a compiled program out of the cache; read when diffrax is first imported


@pytest.fixture(scope="session", autouse=True)
def kept_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """JAX's own cache of compiled programs, in a folder of this session."""
    try:
        import jax
        from jax.experimental.compilation_cache import compilation_cache
    except ImportError:
        yield
        return
    settings = {
        "jax_compilation_cache_dir": str(tmp_path_factory.mktemp("programs")),
        "jax_persistent_cache_min_compile_time_secs": 0.1,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in settings}
    for name, value in settings.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()
