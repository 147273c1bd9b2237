from . import (
    base_module_uninstall,
    base_import,
)
