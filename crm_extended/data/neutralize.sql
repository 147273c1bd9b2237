-- A copy of a database is not the original. Odoo's base stops mail servers and scheduled
-- actions; what is left are secrets that a link of the original would share with the copy,
-- and the mail addresses of teams.

-- Links to the page of preferences are signed with it; a new one is made when it is needed.
DELETE FROM ir_config_parameter WHERE key = 'crm_extended.preference_salt';

-- Links of mails that ask for a rating, and those under their answers.
UPDATE rating_rating SET access_token = md5(random()::text || clock_timestamp()::text || id::text)
 WHERE res_model = 'crm.care.case';
UPDATE crm_care_satisfaction SET reply_token = md5(random()::text || clock_timestamp()::text || id::text)
 WHERE reply_token IS NOT NULL;

-- Links to cases in the portal.
UPDATE crm_care_case SET access_token = md5(random()::text || clock_timestamp()::text || id::text)
 WHERE access_token IS NOT NULL;

-- Mail to the teams is for the original.
UPDATE mail_alias SET alias_name = NULL, alias_full_name = NULL
 WHERE alias_model_id IN (SELECT id FROM ir_model WHERE model = 'crm.care.case');

-- Care plans would write to customers of the original.
UPDATE res_company SET care_plans_stopped = TRUE;
