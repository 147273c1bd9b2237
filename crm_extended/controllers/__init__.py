from . import portal, portal_care
