"""What a metric says now."""

from prometheus_client import REGISTRY


def counted(metric: str, /, **labels: str) -> float:
    """Give a sample's value; 0 where there is none yet."""
    return REGISTRY.get_sample_value(metric, labels) or 0.0


def is_told(metric: str, /, **labels: str) -> bool:
    return REGISTRY.get_sample_value(metric, labels) is not None
