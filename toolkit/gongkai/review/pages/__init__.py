"""What the pages show, and how it is written: as HTML of our own templates, served or exported alike."""
