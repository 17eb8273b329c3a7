"""A watch written by hand: rounds of rows, as `mxcensus series run` keeps them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from world import TABLES, World

START = datetime(2026, 11, 1, tzinfo=UTC)


class WatchWorld:
    """Rounds in the making, an hour apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hours: dict[int, World] = {}

    def at(self, hour: int) -> World:
        """The rows that the round of that hour keeps; the test adds them."""
        if hour not in self.hours:
            self.hours[hour] = World(self.folder / "rounds" / f"{START + timedelta(hours=hour):%Y-%m-%dT%H00Z}")
        return self.hours[hour]

    def write(self, rounds: int, **told: Any) -> Path:
        """Writes so many rounds, those without a row too."""
        for hour in range(rounds):
            world = self.at(hour)
            for table in TABLES:
                if world.rows[table]:
                    world.write_part(table, "watch-0001-000001.parquet", world.rows[table])
            world.folder.mkdir(parents=True, exist_ok=True)
            round_ = {
                "format": 1,
                "name": world.folder.name,
                "made": None,
                "began": f"{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}",
                "complete": True,
                "whole": hour == 0,
                "domains": 2,
                **told,
            }
            (world.folder / "round.json").write_text(json.dumps(round_), encoding="utf-8")
        return self.folder
