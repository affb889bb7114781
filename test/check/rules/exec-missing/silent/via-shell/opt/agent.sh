echo agent
