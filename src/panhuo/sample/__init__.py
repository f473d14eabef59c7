"""The sample book: a bank and an asset manager we would believe."""
