"""The book of one pair: kept under the texts of the wire, in step by its venue's rule, shown on our grid."""
