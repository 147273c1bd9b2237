from . import portal, purchase_export, referral_link
