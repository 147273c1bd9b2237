from .timeline import TimelineSource

__all__ = ["TimelineSource"]
