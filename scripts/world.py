"""Make the companies and people that the tests share, for Odoo's shell:
``odoo-bin shell < world.py``.

Tests that do not find them make them themselves, for each class anew.
"""

from odoo.modules import module

from odoo.addons.crm_extended.tests.care.common import CareCommon

# Inventory gives companies their warehouse only where a test makes them.
module.current_test = CareCommon
CareCommon.env = env
CareCommon.make_world()
CareCommon.make_agents()
env.cr.commit()
module.current_test = False
