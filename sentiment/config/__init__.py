"""Every setting of every verb, declared once: flags, config files and docs/settings.md derive from here."""

from sentiment.config.base import (
    DEFAULT_ENCODER,
    DEFAULT_MODEL,
    Backend,
    ColumnSettings,
    ComputeSettings,
    Device,
    ExplainBy,
    Precision,
    ScoringPrecision,
    Settings,
)
from sentiment.config.judging import AuditConfig, BehaveConfig, CompareConfig, EvaluateConfig, ExportConfig
from sentiment.config.loading import flag_name, load_settings, read_toml, save_settings
from sentiment.config.reporting import ReportConfig
from sentiment.config.scoring import ExplainConfig, InspectConfig, PredictConfig, ReviewFileSettings
from sentiment.config.training import LeaveOutConfig, RepeatConfig, SearchConfig, TrainConfig

__all__ = [
    "DEFAULT_ENCODER",
    "DEFAULT_MODEL",
    "AuditConfig",
    "Backend",
    "BehaveConfig",
    "ColumnSettings",
    "CompareConfig",
    "ComputeSettings",
    "Device",
    "EvaluateConfig",
    "ExplainBy",
    "ExplainConfig",
    "ExportConfig",
    "InspectConfig",
    "LeaveOutConfig",
    "Precision",
    "PredictConfig",
    "RepeatConfig",
    "ReportConfig",
    "ReviewFileSettings",
    "ScoringPrecision",
    "SearchConfig",
    "Settings",
    "TrainConfig",
    "flag_name",
    "load_settings",
    "read_toml",
    "save_settings",
]
