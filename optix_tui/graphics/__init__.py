"""Pictures of pixels in terminals that show them: which do, how a picture is sent, and which cells show it. Never needed, never first."""
