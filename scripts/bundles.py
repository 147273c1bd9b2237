"""Make the files browser tests load, for Odoo's shell: ``odoo-bin shell < bundles.py``.

Odoo makes them when a page first asks. In a test that is undone with the rest of it, so
that every tour would wait for them anew. Odoo's own runner makes all there are; these
are the ones our tests need.
"""

BUNDLES = (
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_frontend_minimal",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_tests",
    "web.assets_unit_tests_setup",
    "web.assets_unit_tests",
)

for name in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name)
    bundle.js()
    bundle.css()
env.cr.commit()
