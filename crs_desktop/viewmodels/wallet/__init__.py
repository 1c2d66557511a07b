"""What the wallet's panes and dialogs show; talks to the wallet's services through `front`, and loads none of them."""
