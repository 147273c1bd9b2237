from . import test_discount, test_loyalty_program, test_product_pair
