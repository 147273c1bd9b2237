from . import referral_link
