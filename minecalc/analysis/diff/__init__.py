"""What changed between two scenarios, and what did each change add?"""
