from . import (
    test_interaction,
    test_interaction_wizard,
    test_last_contact,
    test_mail_characters,
    test_silence,
)
