// Rules for the addon's JavaScript; its form is prettier's business.
import js from "@eslint/js";
import globals from "globals";

export default [
    { ignores: [".odoo/", ".venv/", "**/lib/"] },
    js.configs.recommended,
    {
        files: ["*/static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: { ...globals.browser, luxon: "readonly", odoo: "readonly" },
        },
        rules: {
            eqeqeq: "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-unused-vars": ["error", { args: "none", ignoreRestSiblings: true }],
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
