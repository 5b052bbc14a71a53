"""What all pages share: the layout, macros (tables, money, dates, badges, forms, states), how templates are filled."""
