from typing import NamedTuple

from odoo import api, models, tools
from odoo.exceptions import UserError


class Feature(NamedTuple):
    """What belongs to a feature that can be switched off."""

    #: field of the settings
    setting: str
    #: groups that see it, by external id; each with the roles whose users are in it
    #: while the feature is on. The first one answers whether it is.
    groups: dict[str, tuple[str, ...]]
    #: keys of the features it needs
    needs: tuple[str, ...] = ()


class CrmFeature(models.AbstractModel):
    """Features that administrators switch on and off, for the whole database.

    A feature is on while roles imply its groups, as with Odoo's own settings; so being
    in such a group means both the role and the feature, and a view names one group.
    Access rights and record rules do not depend on features, and no data goes with them.
    What a feature does by itself (scheduled actions, mails, hooks) asks :meth:`_is_on`.
    """

    _name = "crm.feature"
    _description = "Features"

    @api.model
    def _features(self) -> dict[str, Feature]:
        """All features by their keys; packages add their own."""
        return {}

    @api.model
    @tools.ormcache("key", cache="groups")
    def _is_on(self, key: str) -> bool:
        """Whether a feature is on: the same answer for every user, job and mail.

        :raise KeyError: if there is no such feature
        """
        feature = self._features()[key]
        first = self.env["ir.model.data"]._xmlid_to_res_id(next(iter(feature.groups)))
        # sudo: users need not be allowed to read groups.
        group = self.env["res.groups"].sudo().browse(first).exists()
        return bool(group.implied_by_ids)

    @api.model
    def _switch(self, **states: bool):
        """Switch features on or off, and do what follows from it. What a feature needs is
        switched on with it.

        :param states: by key
        :raise UserError: if a feature that stays on needs one that is switched off
        """
        features = self._features()
        wanted = [key for key, on in states.items() if on]
        while wanted:
            needed = [key for each in wanted for key in features[each].needs]
            wanted = [key for key in needed if not states.get(key)]
            states |= dict.fromkeys(wanted, True)
        self._check_needs(states)
        for key, on in states.items():
            was_on = self._is_on(key)
            self._set_groups(features[key], on)
            if on and not was_on:
                self._after_switching_on(key)
            elif was_on and not on:
                self._after_switching_off(key)

    @api.model
    def _switch_all_on(self):
        """For the demo data, which shows everything."""
        self._switch(**dict.fromkeys(self._features(), True))

    @api.model
    def _check_needs(self, states):
        for key, feature in self._features().items():
            for needed in feature.needs:
                is_on = states.get(key, self._is_on(key))
                if is_on and not states.get(needed, self._is_on(needed)):
                    raise UserError(
                        self.env._(
                            "%(feature)s needs %(needed)s. Switch off %(feature)s first.",
                            feature=self._get_name(key),
                            needed=self._get_name(needed),
                        )
                    )

    @api.model
    def _get_feature_of(self, model_name: str) -> str | None:
        """The feature that a model belongs to. Most models have its key in their name, as
        ``crm.loyalty.change``; packages name the others."""
        app, key, *_rest = [*(model_name or "").split("."), ""]
        return key if app == "crm" and key in self._features() else None

    @api.model
    def _set_groups(self, feature: Feature, on: bool):
        for name, roles in feature.groups.items():
            # sudo: users who may change settings need not be allowed to write groups.
            group = self.env.ref(name).sudo()
            for role in roles:
                # A role of a module that is not installed has no users.
                role = self.env.ref(role, raise_if_not_found=False)
                if role and on:
                    role.sudo()._apply_group(group)
                elif role:
                    role.sudo()._remove_group(group)

    @api.model
    def _get_name(self, key: str) -> str:
        """The name of a feature, as the settings show it."""
        setting = self._features()[key].setting
        names = self.env["res.config.settings"].fields_get([setting], ["string"])
        return names[setting]["string"]

    # -- What follows; packages extend these for their features

    @api.model
    def _after_switching_on(self, key: str):
        """Do what a feature has to catch up with."""

    @api.model
    def _after_switching_off(self, key: str):
        """Take back what a feature has given."""

    @api.model
    def _get_leftovers(self, key: str) -> list[str]:
        """What switching a feature off would leave behind, in words: "Open cases: 12"."""
        return []

    @api.model
    def get_leftovers(self, setting: str) -> dict:
        """What to ask before the feature of a setting is switched off.

        :param setting: field of the settings
        :return: its ``name`` and what it would leave (``leftovers``)
        :raise AccessError: for users who may not change settings
        """
        self.env["res.config.settings"].check_access("create")
        for key, feature in self._features().items():
            if feature.setting == setting:
                return {
                    "name": self._get_name(key),
                    "leftovers": self._get_leftovers(key) if self._is_on(key) else [],
                }
        return {"name": "", "leftovers": []}
