"""What a person reads: outcomes, decisions in words, trees and sums."""
