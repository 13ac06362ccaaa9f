"""Real input: tables and programmes into rows. Each verb reads the whole file, decides, and then writes everything in
one transaction, or, with any fault, nothing; coming again with the same file changes nothing."""

from dispatch.imports.columns import Progress
from dispatch.imports.needs import needs
from dispatch.imports.programme import programme
from dispatch.imports.regions import regions
from dispatch.imports.report import Report
from dispatch.imports.skills import skills
from dispatch.imports.volunteers import volunteers

__all__ = ["Progress", "Report", "needs", "programme", "regions", "skills", "volunteers"]
