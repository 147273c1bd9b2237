from . import test_loyalty_program, test_product_pair
