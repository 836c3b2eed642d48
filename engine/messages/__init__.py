"""All that OPTIX can be asked, told, or can tell: the table of contents of the engine."""
