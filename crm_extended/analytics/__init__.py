"""Arithmetic without Odoo: plain values in, plain values out."""
