"""What the frame is made of: sheets, bars, drop-downs."""
