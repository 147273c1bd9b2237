from . import digest_digest, spreadsheet_dashboard
