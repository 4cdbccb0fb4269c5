"""The pages of a review over HTTP: a Jupyter Server extension, and the server that has nothing but these pages."""
