"""How our Celery workers differ from Celery's own."""
