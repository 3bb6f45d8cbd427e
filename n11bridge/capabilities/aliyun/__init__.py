"""A device on Ali's cloud, which is MQTT underneath (manual 19)."""

from n11bridge.capabilities.aliyun.capability import Aliyun

__all__ = ["Aliyun"]
