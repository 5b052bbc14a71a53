"""What all pages share: the layout, macros (tables, money, dates, badges, forms, states), and how templates are filled."""
