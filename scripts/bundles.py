"""Make the files browser tests load, for Odoo's shell: ``odoo-bin shell < bundles.py``.

Odoo makes them when a page first asks. In a test that is undone with the rest of it, so
that every tour would wait for them anew. Odoo's own runner makes all there are; these
are the ones our tests need, and of each only what pages load of it.
"""

import os

BUNDLES = {
    "web.assets_web": ("js", "css"),
    "web.assets_web_print": ("css",),
    "web.assets_frontend_minimal": ("js",),
    "web.assets_frontend": ("css",),
    "web.assets_frontend_lazy": ("js",),
    "web.assets_tests": ("js", "css"),
    "web.__assets_tests_call__": ("js",),
    "web.assets_backend_lazy": ("js", "css"),
    "web.assets_emoji": ("js",),
    "web.chartjs_lib": ("js",),
    "bus.websocket_worker_assets": ("js",),
}
# What test_hoot.py needs, which is in no folder of a package.
if not os.environ.get("TESTS"):
    BUNDLES |= {
        "web.assets_unit_tests_setup": ("js", "css"),
        "web.assets_unit_tests": ("js", "css"),
    }

for name, kinds in BUNDLES.items():
    bundle = env["ir.qweb"]._get_asset_bundle(name)
    for kind in kinds:
        getattr(bundle, kind)()
env.cr.commit()
