"""The front: the public REST API and stream, the admin API, documents, health and pages, over readers of the stores."""
