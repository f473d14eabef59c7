"""What is reached over HTTP: health, readiness, metrics, and the platform's verbs and resources."""
