"""Gazetteer of Japan: prefectures, municipalities and towns with their postal codes, as packaged data."""
