"""Annual reports written from templates, apart from the patterns that read them, and what is measured on them."""
