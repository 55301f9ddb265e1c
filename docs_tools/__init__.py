"""The docs site: building and serving it, and making everything it shows from the real programs."""
