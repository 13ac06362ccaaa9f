"""A seeded Quanzhou: real townships, made-up people, a past and a week of work. See ``load``."""

from dispatch.demo.answers import Answers, answer
from dispatch.demo.city import City, Progress, Size, clear, found, load, window
from dispatch.demo.drawing import SCALES
from dispatch.demo.personas import Persona

__all__ = ["SCALES", "Answers", "City", "Persona", "Progress", "Size", "answer", "clear", "found", "load", "window"]
