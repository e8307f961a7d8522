"""Scoring on several machines: the rows of Parquet files in parts, each scored and written by one worker."""

from sentiment.scoring.distributed.ray_engine import predict_with_ray

__all__ = ["predict_with_ray"]
